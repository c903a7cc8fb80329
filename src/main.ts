#!/usr/bin/env node
/** The command `hostpulse`. */
import { leave } from './commands/leave.ts';
import { listenToSignals } from './commands/signals.ts';

// Process 1 of a container has no default handlers: a signal that comes while the rest is being loaded would be lost.
listenToSignals();
const { run } = await import('./commands/run.ts');
await leave(await run(process.argv.slice(2)));
