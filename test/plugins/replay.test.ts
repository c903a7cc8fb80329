import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Query } from '../../src/core/base-plugin.ts';
import { Host } from '../../src/core/host.ts';
import Cpu from '../../src/plugins/cpu/plugin.ts';
import Disks from '../../src/plugins/disks/plugin.ts';
import FileSystems from '../../src/plugins/filesystems/plugin.ts';
import Kernel from '../../src/plugins/kernel/plugin.ts';
import Memory from '../../src/plugins/memory/plugin.ts';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import Pressure from '../../src/plugins/pressure/plugin.ts';
import Processes from '../../src/plugins/processes/plugin.ts';
import Sensors from '../../src/plugins/sensors/plugin.ts';
import Sockets from '../../src/plugins/sockets/plugin.ts';
import System from '../../src/plugins/system/plugin.ts';
import { until } from '../helpers/build-agent.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const CLASSES = { Cpu, Disks, FileSystems, Kernel, Memory, NetInfo, Pressure, Processes, Sensors, Sockets, System };

describe('what is replayed is byte for byte what was pushed', () => {
  for (const [name, pluginClass] of Object.entries(CLASSES)) {
    test(`by ${name}, at the base interval and at a shorter one, and made once for many`, async (t) => {
      const own = { answerMs: 30_000, textfileDirectory: '' };
      const { topic, past, plugin } = await setStage(t, pluginClass as Told, new Host({ procfs: '/proc', sysfs: '/sys' }), own);
      const queries: Query[] = [{}, { interval: '60ms' }];
      const pushed = queries.map(() => [] as string[]);
      const listening = queries.map((query, index) => topic(query).subscribe((sample) => pushed[index]?.push(JSON.stringify(sample))));
      await until(() => pushed.every(({ length }) => length > 4), 'samples come');
      for (const one of listening) one.unsubscribe();
      queries.forEach((query, index) => {
        const told = pushed[index] as string[];
        const first = JSON.parse(told[0] as string).sequence;
        const replayed = past(query, { afterSequence: first - 1, fromTimestampMs: 0 });
        assert.ok(told.length > 2);
        assert.deepEqual(
          replayed.slice(0, told.length).map((sample) => JSON.stringify(sample)),
          told,
        );
        const again = past(query, { afterSequence: first - 1, fromTimestampMs: 0 });
        assert.ok(
          replayed.every((sample, at) => sample === again[at]),
          'the same frozen objects, so their bytes are, too',
        );
      });
      await plugin.terminate?.();
    });
  }
});
