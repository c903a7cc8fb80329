import type { Host, Labels } from '../../../core/base-plugin.ts';
import { KernelFile, namesIn, numberIn } from './kernel-file.ts';
import { gauge, info, orNull, type Part } from './part.ts';

/** What of it hardly changes, and the file with what does. */
interface Device {
  readonly device: string;
  readonly type: string;
  readonly highest: number | null;
  readonly labels: Labels;
  /** Kept open: there may be one for each core. */
  readonly file: KernelFile;
}

interface CoolingDevice extends Device {
  readonly state: number | null;
}

/** Kind and highest state are looked at anew after this; one device may have taken another's number. */
const FACTS_MS = 60_000;
const START = 'cooling_device';

export const coolingDevices = {
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
    const devices = new Map<string, Device>();
    const folder = `${host.sysfs}/class/thermal`;
    const forget = (isGone: (name: string) => boolean) => {
      for (const [name, { file }] of devices) {
        if (!isGone(name)) continue;
        file.close();
        devices.delete(name);
      }
    };
    let factsMs = performance.now();
    const read = () => {
      const names = namesIn(folder, START);
      if (names === null || names.length === 0) return null;
      const isOld = performance.now() - factsMs >= FACTS_MS;
      if (isOld) factsMs = performance.now();
      if (isOld || names.length !== devices.size) forget((name) => isOld || !names.includes(name));
      return names.map((name) => {
        const device = devices.get(name) ?? lookAt(host, `${folder}/${name}`, name.slice(START.length));
        devices.set(name, device);
        return { ...device, state: stateOf(device.file) };
      });
    };
    return { read, close: () => forget(() => true) };
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
} as const satisfies Part<readonly CoolingDevice[]>;

function lookAt(host: Host, path: string, device: string): Device {
  const type = host.readLine(`${path}/type`) ?? '';
  const labels = Object.freeze({ name: device, type });
  return { device, type, highest: notNegative(numberIn(host, `${path}/max_state`)), labels, file: new KernelFile(`${path}/cur_state`, 64) };
}

/** null where it cannot be read, whyever: the other devices are told all the same. */
function stateOf(file: KernelFile): number | null {
  try {
    const text = file.text()?.trim() ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : null;
  } catch {
    return null;
  }
}

function notNegative(value: number | null): number | null {
  return value === null || value < 0 ? null : value;
}
