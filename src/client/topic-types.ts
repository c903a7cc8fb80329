import type { turnFields } from '../core/openapi/stream-variables.ts';
import type { eventFields as containerEvents, fields as containers } from '../plugins/containers/schema.ts';
import type { fields as cpu } from '../plugins/cpu/schema.ts';
import type { eventFields as diskEvents, fields as disks } from '../plugins/disks/schema.ts';
import type { eventFields as filesystemEvents, fields as filesystems } from '../plugins/filesystems/schema.ts';
import type { fields as kernel } from '../plugins/kernel/schema.ts';
import type { fields as memory } from '../plugins/memory/schema.ts';
import type { fields as netinfo, eventFields as netinfoEvents } from '../plugins/netinfo/schema.ts';
import type { fields as pressure } from '../plugins/pressure/schema.ts';
import type { fields as processes } from '../plugins/processes/schema.ts';
import type { fields as sensors } from '../plugins/sensors/schema.ts';
import type { stateFields as socketStates, fields as sockets } from '../plugins/sockets/schema.ts';
import type { fields as system } from '../plugins/system/schema.ts';
import type { fields as systeminfo } from '../plugins/systeminfo/schema.ts';
import type { fields as upgrades, eventFields as upgradesEvents } from '../plugins/upgrades/schema.ts';
import type { FieldsOf } from './fields-of.ts';

/** What topics of the built-in plugins publish, from what these declare. With `fields=` only what was asked for is there. */
export interface TopicTypes {
  containers: FieldsOf<typeof containers>;
  'containers/events': FieldsOf<typeof containerEvents>;
  cpu: FieldsOf<typeof cpu>;
  disks: FieldsOf<typeof disks>;
  'disks/events': FieldsOf<typeof diskEvents>;
  filesystems: FieldsOf<typeof filesystems>;
  'filesystems/events': FieldsOf<typeof filesystemEvents>;
  kernel: FieldsOf<typeof kernel>;
  memory: FieldsOf<typeof memory>;
  netinfo: FieldsOf<typeof netinfo>;
  'netinfo/events': FieldsOf<typeof netinfoEvents>;
  pressure: FieldsOf<typeof pressure>;
  processes: FieldsOf<typeof processes>;
  sensors: FieldsOf<typeof sensors>;
  sockets: FieldsOf<typeof sockets>;
  'sockets/states': FieldsOf<typeof socketStates>;
  system: FieldsOf<typeof system>;
  /** With its parts as they are unless the agent is configured otherwise. */
  systeminfo: PartsOf<typeof systeminfo>;
  upgrades: FieldsOf<typeof upgrades>;
  'upgrades/events': FieldsOf<typeof upgradesEvents>;
}

export type TopicName = keyof TopicTypes;

/** What a topic with `when` tells. */
export type Turn = FieldsOf<typeof turnFields>;

/** What `<topic>/history` answers: all arrays are equally long. */
export interface HistoryColumns {
  readonly fromTimestampMs: number;
  readonly toTimestampMs: number;
  readonly stepMs: number;
  readonly timestampMs: readonly number[];
  readonly series: Readonly<Record<string, HistorySeries>>;
}

export interface HistorySeries {
  /** null where nothing is declared. */
  readonly unit: string | null;
  /** null: no sample in that step, or the number was not known. */
  readonly mean: readonly (number | null)[];
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
}

/** What netinfo tells. */
export type NetinfoSample = TopicTypes['netinfo'];

/** Where a field is what another plugin answers, its type. */
type PartsOf<F> = Omit<FieldsOf<F>, WholeNames<F>> & { readonly [K in WholeNames<F>]?: AnswerOf<F[K]> | null };
type WholeNames<F> = { [K in keyof F]: F[K] extends { readonly answerOf: TopicName } ? K : never }[keyof F];
type AnswerOf<N> = N extends { readonly answerOf: infer R extends TopicName } ? TopicTypes[R] : never;
