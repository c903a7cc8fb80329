/** Under this symbol a plugin's class says for which version of the contract it is made; it also tells a plugin from other classes. */
export const CONTRACT: unique symbol = Symbol.for('hostpulse.contract') as never;

/** Rises when a plugin made for the version before could not run any more. */
export const CONTRACT_VERSION = 1;
