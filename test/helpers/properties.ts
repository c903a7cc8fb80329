import fc from 'fast-check';

/**
 * The same examples at every run: a test that passed does not fail the next time for an example that nobody has thought of.
 * To look for such examples, PROPERTY_SEED=random tries others at each run, and PROPERTY_RUNS=10000 so many of them.
 */
const { PROPERTY_SEED = '1', PROPERTY_RUNS } = process.env;

fc.configureGlobal({
  ...(PROPERTY_SEED === 'random' ? {} : { seed: Number(PROPERTY_SEED) }),
  ...(PROPERTY_RUNS === undefined ? {} : { numRuns: Number(PROPERTY_RUNS) }),
});

export default fc;
