import { type Answer, BasePlugin, type RequestData } from '../../core/base-plugin.ts';

/** The smallest plugin: answers /example with the variables it was given. */
export default class Example extends BasePlugin {
  requestHandler({ requestHeaders: _headers, clientIp: _ip, ...rest }: RequestData): Answer {
    return [200, { hello: 'world', ...rest }];
  }
}
