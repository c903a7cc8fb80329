import { SUBPROTOCOLS } from '../streams/encoding/encoding.ts';
import { KEY_SUBPROTOCOL, offeredProtocols } from './access.ts';
import { HostpulseError, shorten } from './errors.ts';

const isKey = (protocol: string) => protocol.startsWith(KEY_SUBPROTOCOL);
/** Whoever offers the agent's name beside a key, for browsers want one back, is spoken to as who offers nothing. */
const OWN_NAME = 'hostpulse';
const isKnown = (protocol: string) => SUBPROTOCOLS.includes(protocol) || protocol === OWN_NAME;

/** The first that we speak. The one that carries a key is sent back only where no other was offered: browsers want one of theirs back. */
export function chooseSubprotocol(offered: ReadonlySet<string>): string | false {
  return [...offered].find(isKnown) ?? [...offered].find(isKey) ?? false;
}

/**
 * A client that is answered without any of those it offered has to fail the connection, and would not know why.
 * @throws HOSTPULSE_ERR_BAD_REQUEST where it offers only what we do not speak
 */
export function checkSubprotocols(headers: Parameters<typeof offeredProtocols>[0]): void {
  const others = offeredProtocols(headers).filter((protocol) => !isKey(protocol));
  if (others.length === 0 || others.some(isKnown)) return;
  throw new HostpulseError(
    'HOSTPULSE_ERR_BAD_REQUEST',
    `subprotocol '${shorten(others.join(', '))}' is not spoken here; allowed: ${SUBPROTOCOLS.join(', ')}, and beside it ${KEY_SUBPROTOCOL}KEY`,
  );
}
