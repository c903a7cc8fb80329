import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { type BurstFigure, burstOf, measuredFigures } from '../shared/burst.ts';
import { fitsGlob } from '../shared/glob.ts';
import { roundedRatio } from '../shared/view.ts';
import { BURST_MEASURES } from './burst.ts';
import { formatRate } from './format-rate.ts';
import { cidr, type Link, type Links, UNKNOWN_LINK } from './link.ts';
import type { View } from './query.ts';
import { COLUMNS, type Field } from './schema.ts';
import type { Scope } from './scope.ts';

/** What /netinfo answers; README.md beside this file says what each field means. */
export interface Snapshot {
  readonly sequence: number;
  readonly timestampMs: number;
  readonly intervalMs: number | null;
  readonly scope: Scope;
  readonly interfaces: readonly (Partial<Interface> & { readonly burst?: unknown })[];
  readonly totals: { readonly physical: Total; readonly all: Total };
}

type Interface = Readonly<Record<Field, unknown>>;

interface Total {
  readonly rxBytesPerSecond: number | null;
  readonly txBytesPerSecond: number | null;
}

const WIDTH = COLUMNS.length;
const RX_BYTES = COLUMNS.indexOf('rxBytes');
const TX_BYTES = COLUMNS.indexOf('txBytes');
const RX_PACKETS = COLUMNS.indexOf('rxPackets');
const TX_PACKETS = COLUMNS.indexOf('txPackets');
const RX_ERRORS = COLUMNS.indexOf('rxErrors');
const TX_ERRORS = COLUMNS.indexOf('txErrors');
const RX_DROPPED = COLUMNS.indexOf('rxDropped');
const TX_DROPPED = COLUMNS.indexOf('txDropped');
const MEASURED = measuredFigures(BURST_MEASURES.names);

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: RateSample, links: Links, scope: Scope, view: View): Snapshot {
  const { reading, elapsedMs, burst } = sample;
  const interfaces: Snapshot['interfaces'][number][] = [];
  reading.names.forEach((name, row) => {
    const link = links.get(name) ?? UNKNOWN_LINK;
    if (view.iface && !view.iface.some((pattern) => fitsGlob(name, pattern))) return;
    if (view.kinds && (link.kind === null || !view.kinds.has(link.kind))) return;
    const whole = toInterface(sample, row, link, view.unit);
    const shown = view.fields ? Object.fromEntries(view.fields.map((field) => [field, whole[field]])) : whole;
    interfaces.push(burst ? { ...shown, burst: burstOf(burst, row, figuresOf(link), view.fields) } : shown);
  });
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : round(elapsedMs),
    scope,
    interfaces,
    totals: {
      physical: total(sample, (name) => isCountedOnce(links.get(name), links)),
      all: total(sample, () => true),
    },
  });
}

function toInterface({ reading, perSecond, statuses }: RateSample, row: number, link: Link, unit: View['unit']): Interface {
  const counter = (column: number) => known(reading.counters[row * WIDTH + column]);
  const rate = (column: number) => rounded(perSecond[row * WIDTH + column]);
  const rxBytesPerSecond = rate(RX_BYTES);
  const txBytesPerSecond = rate(TX_BYTES);
  const { index, kind, master, operstate, mtu, mac, speedBitsPerSecond, addresses } = link;
  const ipv4 = addresses.find(({ family }) => family === 'ipv4');
  return {
    iface: reading.names[row],
    address: ipv4 ? cidr(ipv4) : null,
    rx: formatRate(rxBytesPerSecond, unit),
    tx: formatRate(txBytesPerSecond, unit),
    rxBytes: counter(RX_BYTES),
    txBytes: counter(TX_BYTES),
    rxPackets: counter(RX_PACKETS),
    txPackets: counter(TX_PACKETS),
    rxErrors: counter(RX_ERRORS),
    txErrors: counter(TX_ERRORS),
    rxDropped: counter(RX_DROPPED),
    txDropped: counter(TX_DROPPED),
    rxBytesPerSecond,
    txBytesPerSecond,
    rxPacketsPerSecond: rate(RX_PACKETS),
    txPacketsPerSecond: rate(TX_PACKETS),
    rxUtilisationRatio: utilisation(rate(RX_BYTES), speedBitsPerSecond),
    txUtilisationRatio: utilisation(rate(TX_BYTES), speedBitsPerSecond),
    rateStatus: statuses[row] as RateStatus,
    index,
    kind,
    master,
    operstate,
    mtu,
    mac,
    speedBitsPerSecond,
    addresses,
  };
}

/**
 * Hardware, each byte counted once: bridges, bonds, VLANs and the like only pass on what their physical ports count.
 * A physical port whose master is physical too (SR-IOV under a synthetic NIC) is counted in its master.
 * @returns null where the kind is unknown
 */
function isCountedOnce(link: Link | undefined, links: Links): boolean | null {
  if (!link || link.kind === null) return null;
  if (link.kind !== 'physical') return false;
  return link.master === null || links.get(link.master)?.kind !== 'physical';
}

/** Unknown as soon as one part is: a sum that misses something would be wrong, not small. */
function total({ reading, perSecond }: RateSample, counts: (name: string) => boolean | null): Total {
  let rx = 0;
  let tx = 0;
  reading.names.forEach((name, row) => {
    const isCounted = counts(name);
    if (isCounted === false) return;
    if (isCounted === null) rx = tx = Number.NaN;
    rx += perSecond[row * WIDTH + RX_BYTES] as number;
    tx += perSecond[row * WIDTH + TX_BYTES] as number;
  });
  return { rxBytesPerSecond: rounded(rx), txBytesPerSecond: rounded(tx) };
}

function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

function rounded(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : round(value);
}

/** Unknown where the speed is. Not cut off at 1: more shows that the driver counts at longer intervals. */
function utilisation(bytesPerSecond: number | null, speedBitsPerSecond: number | null): number | null {
  return bytesPerSecond === null ? null : roundedRatio(bytesPerSecond * perByte(speedBitsPerSecond));
}

function figuresOf({ speedBitsPerSecond }: Link): readonly BurstFigure[] {
  const factor = perByte(speedBitsPerSecond);
  return [
    ...MEASURED,
    { name: 'rxUtilisationRatio', column: BURST_MEASURES.names.indexOf('rxBytesPerSecond'), factor },
    { name: 'txUtilisationRatio', column: BURST_MEASURES.names.indexOf('txBytesPerSecond'), factor },
  ];
}

function perByte(speedBitsPerSecond: number | null): number {
  return speedBitsPerSecond ? 8 / speedBitsPerSecond : Number.NaN;
}

/** To thousandths: what is below is noise of the clock. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
