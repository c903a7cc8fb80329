/**
 * What a client wants most of what there is, by its Accept or Accept-Encoding: the highest weight, then its own order.
 * null where it names none of it.
 */
export function preferred(header: string | undefined, offers: readonly string[]): string | null {
  let [best, bestWeight]: [string | null, number] = [null, 0];
  for (const range of header?.split(',') ?? []) {
    const [name = '', ...parameters] = range.split(';');
    const offer = name.trim().toLowerCase();
    const weight = offers.includes(offer) ? weightIn(parameters) : 0;
    if (weight > bestWeight) [best, bestWeight] = [offer, weight];
  }
  return best;
}

function weightIn(parameters: readonly string[]): number {
  const weight = parameters.map((parameter) => parameter.trim().toLowerCase()).find((parameter) => parameter.startsWith('q='));
  return weight === undefined ? 1 : Number(weight.slice(2));
}
