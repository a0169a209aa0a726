#!/usr/bin/env node
import { start } from './start.js';

// kubectl hands over the words behind `kubectl msvc`; the last is being typed.
const words = ['msvc', ...process.argv.splice(2)];
process.argv.push('completion', 'kubectl', ...words.map((word) => `--word=${word}`));
start('kubectl-msvc');
