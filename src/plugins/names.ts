/** The built-in plugins' names, which key their parameters: for who has to know them without loading the plugins. */
export const BUILT_IN_NAMES = [
  'example',
  'netinfo',
  'cpu',
  'memory',
  'pressure',
  'system',
  'disks',
  'filesystems',
  'sensors',
  'containers',
  'sockets',
  'systeminfo',
  'processes',
  'upgrades',
  'kernel',
] as const;

export type BuiltInName = (typeof BUILT_IN_NAMES)[number];
