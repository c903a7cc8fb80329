import { type Answer, BasePlugin, type RequestData } from '../../core/base-plugin.ts';

/** The smallest plugin: answers /example with the variables it was given. */
export default class Example extends BasePlugin {
  static override readonly fields = {
    hello: { kind: 'info', description: 'the same always; a variable of this name is told instead' },
    subpath: { kind: 'info', description: 'what follows the route in the URL, up to the value that it leads to' },
    method: { kind: 'info', values: ['GET', 'POST'], description: 'of the request' },
  } as const;

  requestHandler({ requestHeaders: _headers, clientIp: _ip, ...rest }: RequestData): Answer {
    return [200, { hello: 'world', ...rest }];
  }
}
