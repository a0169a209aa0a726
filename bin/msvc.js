#!/usr/bin/env node
import '../dist/msvc.js';
