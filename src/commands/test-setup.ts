/** Imported first by every process that `hostpulse test` starts. */
import { addModuleHooks } from '../core/loading/add-hooks.ts';
import * as hooks from './test-hooks.ts';

addModuleHooks(hooks, new URL('./test-hooks.js', import.meta.url));
