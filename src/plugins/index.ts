import type { PluginList } from '../core/loading/plugin-loader.ts';
import Containers from './containers/plugin.ts';
import Cpu from './cpu/plugin.ts';
import Disks from './disks/plugin.ts';
import Example from './example/plugin.ts';
import FileSystems from './filesystems/plugin.ts';
import Kernel from './kernel/plugin.ts';
import Memory from './memory/plugin.ts';
import type { BuiltInName } from './names.ts';
import NetInfo from './netinfo/plugin.ts';
import Pressure from './pressure/plugin.ts';
import Processes from './processes/plugin.ts';
import Sensors from './sensors/plugin.ts';
import Sockets from './sockets/plugin.ts';
import System from './system/plugin.ts';
import SystemInfo from './systeminfo/plugin.ts';
import Upgrades from './upgrades/plugin.ts';

/** The built-in plugins, by the name that keys their parameters. */
export const builtIns: PluginList = {
  example: Example,
  netinfo: NetInfo,
  cpu: Cpu,
  memory: Memory,
  pressure: Pressure,
  system: System,
  disks: Disks,
  filesystems: FileSystems,
  sensors: Sensors,
  containers: Containers,
  sockets: Sockets,
  systeminfo: SystemInfo,
  processes: Processes,
  upgrades: Upgrades,
  // Last: a text file must not take a name from a collector, only the other way round.
  kernel: Kernel,
} satisfies Record<BuiltInName, unknown>;
