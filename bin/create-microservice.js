#!/usr/bin/env node
import '../dist/create-microservice.js';
