import type { Host } from '../../../core/base-plugin.ts';
import { namesIn, numberIn, utf8 } from './kernel-file.ts';
import { gauge, info, orNull, type Part } from './part.ts';

interface Facts {
  readonly type: string;
  readonly highest: number | null;
  readonly labels: Readonly<Record<string, string>>;
}

interface CoolingDevice extends Facts {
  readonly device: string;
  readonly state: number | null;
}

/** Kind and highest state are looked at anew after this; one device may have taken another's number. */
const FACTS_MS = 60_000;
const START = 'cooling_device';

export const coolingDevices: Part<readonly CoolingDevice[]> = {
  // node_exporter tells them with the zones.
  collector: 'thermal_zone',
  absence: 'nothing here can be cooled or throttled by the kernel',
  declared: {
    description: 'what the kernel cools with: fans, and processors that it slows down',
    identity: 'device',
    nullable: true,
    each: {
      device: info("the kernel's number of it"),
      type: info('`Processor`, `Fan`, `intel_powerclamp` ...'),
      state: orNull(gauge('steps', 'how hard it works, 0: not at all; `null` where it does not tell, as `intel_powerclamp` at rest')),
      highestState: orNull(gauge('steps', 'that there are; `null` where it does not tell')),
    },
  },
  open(host: Host) {
    const facts = new Map<string, Facts>();
    let factsMs = Number.NEGATIVE_INFINITY;
    const folder = `${host.sysfs}/class/thermal`;
    const read = () => {
      const names = namesIn(folder, START);
      if (names === null || names.length === 0) return null;
      if (performance.now() - factsMs >= FACTS_MS || names.length !== facts.size) {
        facts.clear();
        factsMs = performance.now();
      }
      return names.map((name) => {
        const device = name.slice(START.length);
        const known = facts.get(name) ?? factsOf(host, `${folder}/${name}`, device);
        facts.set(name, known);
        return { device, ...known, state: notNegative(numberIn(host, `${folder}/${name}/cur_state`)) };
      });
    };
    return { read };
  },
  toAnswer: (devices) => devices.map(({ device, type, state, highest }) => ({ device, type, state, highestState: highest })),
  tell(devices, metrics) {
    const current = metrics.gauge('node_cooling_device_cur_state', 'Current throttle state of the cooling device');
    const highest = metrics.gauge('node_cooling_device_max_state', 'Maximum throttle state of the cooling device');
    for (const device of devices) {
      current.add(device.state, device.labels);
      highest.add(device.highest, device.labels);
    }
  },
};

function factsOf(host: Host, path: string, name: string): Facts {
  const type = utf8(host.readLine(`${path}/type`) ?? '');
  return { type, highest: notNegative(numberIn(host, `${path}/max_state`)), labels: Object.freeze({ name, type }) };
}

function notNegative(value: number | null): number | null {
  return value === null || value < 0 ? null : value;
}
