import type { Layout, Sample } from '../layout.ts';
import { CPU } from './cpu.ts';
import { DISKS } from './disks.ts';
import { FILESYSTEMS } from './filesystems.ts';
import { inferLayouts } from './inferred.ts';
import { MEMORY } from './memory.ts';
import { NETINFO } from './netinfo.ts';

/** By what only its samples have, not by its route: that may be another one. */
const KNOWN: readonly (readonly [marks: readonly string[], layout: Layout])[] = [
  [['interfaces', 'totals'], NETINFO],
  [['cores', 'total', 'load1'], CPU],
  [['totalBytes', 'availableBytes', 'swap'], MEMORY],
  [['devices', 'totals'], DISKS],
  [['mounts'], FILESYSTEMS],
];

/** Ways to show samples like this one; the first is where one begins. */
export function layoutsFor(sample: Sample): readonly Layout[] {
  const known = KNOWN.filter(([marks]) => marks.every((mark) => Object.hasOwn(sample, mark))).map(([, layout]) => layout);
  return [...known, ...inferLayouts(sample)].filter(({ title }, at, all) => all.findIndex((other) => other.title === title) === at);
}
