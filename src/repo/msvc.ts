// bin/msvc.js from source: what `npm run dev` and the tests start.
import { main } from '../cli/main.ts';

await main('msvc');
