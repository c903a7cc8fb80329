import type { ServerConfig } from '../core/config/config.ts';

// See errors.ts.
const { request: httpRequest } = process.getBuiltinModule('node:http');
const { request: httpsRequest } = process.getBuiltinModule('node:https');

const PATIENCE_MS = 3000;
const UNSPECIFIED: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Asks the agent that runs with this configuration whether it is well; for container health checks. @returns the exit code */
export function health({ network, tls }: ServerConfig): Promise<number> {
  // The certificate is for names that others use, and this is a call to ourselves.
  const options = {
    host: UNSPECIFIED[network.host] ?? network.host,
    port: network.port,
    path: '/health',
    timeout: PATIENCE_MS,
    rejectUnauthorized: false,
  };
  return new Promise((resolve) => {
    const say = (text: string, code: number) => {
      process.stdout.write(`${text}\n`);
      resolve(code);
    };
    const request = (tls.certFile ? httpsRequest : httpRequest)(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => say(body.trim(), response.statusCode === 200 ? 0 : 1));
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    request.on('error', (error) => say(`not well: ${error.message}`, 1));
    request.end();
  });
}
