import { column, groupOf, type Layout, listOf, numberOf, type Row, type Sample, sumOf } from '../layout.ts';
import { inWords, type UnitChoice } from '../units.ts';

export const NETINFO: Layout = {
  title: 'interfaces',
  columns: [
    column('iface', 'interface', 'name'),
    column('rx', 'received', 'meter', 'bytes/s', 'rx'),
    column('tx', 'sent', 'meter', 'bytes/s', 'tx'),
    column('troubles', 'err+drop', 'count'),
    column('state', 'state', 'text'),
    column('rxBytes', 'rx total', 'number', 'bytes', 'dim'),
    column('txBytes', 'tx total', 'number', 'bytes', 'dim'),
  ],
  orders: [
    { id: 'both', title: 'total rate', key: 'o' },
    { id: 'iface', title: 'name', key: 'n' },
    { id: 'rx', title: 'received', key: 'r' },
    { id: 'tx', title: 'sent', key: 't' },
    { id: 'troubles', title: 'errors and drops', key: 'e' },
  ],
  rows: (sample) => listOf(sample, 'interfaces').map(rowOf),
  facts: (sample, units) => {
    const totals = groupOf(sample, 'totals');
    const scope = sample.scope === 'container' ? ['of a container'] : [];
    return [`physical ${ratesOf(groupOf(totals, 'physical'), units)}`, `all ${ratesOf(groupOf(totals, 'all'), units)}`, ...scope];
  },
};

/** Others name a speed that limits nothing: a veth says 10 Gbit/s whatever it lies on. */
const HAS_LINK: ReadonlySet<unknown> = new Set(['physical', 'bond', 'team', 'vlan']);

function rowOf(item: Sample): Row {
  const { iface, rxBytesPerSecond: rx, txBytesPerSecond: tx, operstate, speedBitsPerSecond: speed } = item;
  const bytesPerSecond = numberOf(speed) === null || !HAS_LINK.has(item.kind) ? null : (speed as number) / 8;
  const troubles = sumOf(item.rxErrors, item.txErrors, item.rxDropped, item.txDropped);
  const { rxBytes, txBytes } = item;
  return {
    id: String(iface),
    values: { iface, rx, tx, both: sumOf(rx, tx), troubles, state: stateOf(item), rxBytes, txBytes },
    tops: { rx: bytesPerSecond, tx: bytesPerSecond },
    about: [
      ...[item.kind, operstate, item.address, item.mac].filter((fact) => typeof fact === 'string'),
      ...(numberOf(item.mtu) === null ? [] : [`mtu ${item.mtu}`]),
      ...(item.master ? [`in ${item.master}`] : []),
      ...(numberOf(speed) === null ? [] : [`link ${inWords(speed, 'bit/s', { rates: 'bits' })}`]),
      `errors ${shown(item.rxErrors)}/${shown(item.txErrors)}`,
      `dropped ${shown(item.rxDropped)}/${shown(item.txDropped)}`,
    ],
  };
}

/** Why a rate is not known counts more than whether there is a carrier. */
function stateOf({ rateStatus, operstate }: Sample): unknown {
  return rateStatus === 'ok' || rateStatus === undefined ? operstate : rateStatus;
}

function ratesOf({ rxBytesPerSecond, txBytesPerSecond }: Sample, units: UnitChoice): string {
  return `rx ${inWords(rxBytesPerSecond, 'bytes/s', units)} tx ${inWords(txBytesPerSecond, 'bytes/s', units)}`;
}

const shown = (value: unknown) => (numberOf(value) === null ? '-' : String(value));
