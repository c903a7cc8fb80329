import type { Host } from '../../../core/base-plugin.ts';
import { namesIn, numberIn } from './kernel-file.ts';
import { counter, info, labelled, orNull, type Part } from './part.ts';

interface Row {
  readonly csrow: string;
  readonly correctable: number | null;
  readonly uncorrectable: number | null;
}

interface Controller {
  readonly controller: string;
  readonly correctable: number | null;
  readonly uncorrectable: number | null;
  /** Errors of which the controller does not know where they were. */
  readonly elsewhere: Row;
  readonly csrows: readonly Row[];
}

const UNREADABLE = '`null` where it cannot be read';
const errors = {
  correctable: orNull(counter('errors', `set right by the memory, since the start; ${UNREADABLE}`)),
  uncorrectable: orNull(counter('errors', `that were not; ${UNREADABLE}`)),
} as const;

const byController = labelled('controller');

export const memoryErrors = {
  collector: 'edac',
  absence: 'the machine has no memory that checks itself (ECC), or no driver for it (EDAC)',
  declared: {
    description: 'errors that memory with ECC found',
    identity: 'controller',
    nullable: true,
    each: {
      controller: info("the kernel's number of the memory controller"),
      ...errors,
      csrows: {
        description: 'rows of memory chips, where the driver tells them apart; `unknown` is where the controller could not tell',
        identity: 'csrow',
        each: { csrow: info("the controller's number of it"), ...errors },
      },
    },
  },
  open: (host: Host) => ({ read: () => readControllers(host) }),
  toAnswer: (controllers) => controllers.map(({ elsewhere, csrows, ...told }) => ({ ...told, csrows: [elsewhere, ...csrows] })),
  tell(controllers, metrics) {
    const ce = metrics.counter('node_edac_correctable_errors_total', 'Total correctable memory errors.');
    const ue = metrics.counter('node_edac_uncorrectable_errors_total', 'Total uncorrectable memory errors.');
    const rowCe = metrics.counter('node_edac_csrow_correctable_errors_total', 'Total correctable memory errors for this csrow.');
    const rowUe = metrics.counter('node_edac_csrow_uncorrectable_errors_total', 'Total uncorrectable memory errors for this csrow.');
    for (const { controller, correctable, uncorrectable, elsewhere, csrows } of controllers) {
      ce.add(correctable, byController(controller));
      ue.add(uncorrectable, byController(controller));
      for (const row of [elsewhere, ...csrows]) {
        const labels = { controller, csrow: row.csrow };
        rowCe.add(row.correctable, labels);
        rowUe.add(row.uncorrectable, labels);
      }
    }
  },
} as const satisfies Part<readonly Controller[]>;

function readControllers(host: Host): Controller[] | null {
  const folder = `${host.sysfs}/devices/system/edac/mc`;
  const names = numbered(folder, 'mc');
  if (names === null || names.length === 0) return null;
  return names.map((name) => {
    const path = `${folder}/${name}`;
    return {
      controller: name.slice('mc'.length),
      correctable: numberIn(host, `${path}/ce_count`),
      uncorrectable: numberIn(host, `${path}/ue_count`),
      elsewhere: {
        csrow: 'unknown',
        correctable: numberIn(host, `${path}/ce_noinfo_count`),
        uncorrectable: numberIn(host, `${path}/ue_noinfo_count`),
      },
      csrows: (numbered(path, 'csrow') ?? []).map((csrow) => ({
        csrow: csrow.slice('csrow'.length),
        correctable: numberIn(host, `${path}/${csrow}/ce_count`),
        uncorrectable: numberIn(host, `${path}/${csrow}/ue_count`),
      })),
    };
  });
}

function numbered(folder: string, start: string): string[] | null {
  return namesIn(folder, start)?.filter((name) => /^\d+$/.test(name.slice(start.length))) ?? null;
}
