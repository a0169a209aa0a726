import { main } from './main.ts';

await main('create-microservice');
