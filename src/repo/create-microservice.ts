// bin/create-microservice.js from source: what tests compare the package with.
import { main } from '../cli/main.ts';

await main('create-microservice');
