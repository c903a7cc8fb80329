import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AccessPolicy, checkHost, checkKey, checkOrigin, presentedKey, sameKey } from '../../src/core/access.ts';

const OPEN: AccessPolicy = { apiKey: '', allowedHosts: [], origins: [], checkHost: true };
const LOCKED: AccessPolicy = { ...OPEN, apiKey: 'the key', checkHost: false };
const UNAUTHORIZED = { code: 'HOSTPULSE_ERR_UNAUTHORIZED', statusCode: 401 };

describe('a key is found', () => {
  test('in each place that may carry it', () => {
    assert.equal(presentedKey({ authorization: 'Bearer k' }, {}), 'k');
    assert.equal(presentedKey({ authorization: 'bearer   k ' }, {}), 'k');
    assert.equal(presentedKey({ 'x-custom-auth': 'k' }, {}), 'k');
    assert.equal(presentedKey({ 'sec-websocket-protocol': 'chat, bearer.k' }, {}), 'k');
    assert.equal(presentedKey({}, { apikey: 'k' }), 'k');
    assert.equal(presentedKey({}, {}, { apikey: 'k' }), 'k');
  });

  test('in header, subprotocol, query and body in this order', () => {
    const headers = { authorization: 'Bearer 1', 'x-custom-auth': '2', 'sec-websocket-protocol': 'bearer.3' };
    const { authorization: _1, ...second } = headers;
    const { 'x-custom-auth': _2, ...third } = second;
    assert.equal(presentedKey(headers, { apikey: '4' }, { apikey: '5' }), '1');
    assert.equal(presentedKey(second, { apikey: '4' }, { apikey: '5' }), '2');
    assert.equal(presentedKey(third, { apikey: '4' }, { apikey: '5' }), '3');
    assert.equal(presentedKey({}, { apikey: '4' }, { apikey: '5' }), '4');
  });

  test('nowhere else, and not on a prototype', () => {
    assert.equal(presentedKey({}, undefined, null), null);
    assert.equal(presentedKey({ authorization: 'Basic dTpw' }, {}), null);
    assert.equal(presentedKey({ 'sec-websocket-protocol': 'chat' }, {}), null);
    assert.equal(presentedKey({}, Object.create({ apikey: 'k' })), null);
    assert.equal(presentedKey({}, {}, 'apikey=k'), null);
  });

  test('as a wrong one where it is given twice or is no text', () => {
    assert.equal(presentedKey({}, { apikey: ['a', 'b'] }), '');
    assert.equal(presentedKey({}, {}, { apikey: 7 }), '');
  });
});

describe('a key opens', () => {
  test('everything, where it is the global one', () => {
    assert.doesNotThrow(() => checkKey(LOCKED, 'the key'));
    assert.doesNotThrow(() => checkKey(LOCKED, 'the key', 'of the plugin'));
  });

  test('its plugin alone, where it is a plugin’s', () => {
    assert.doesNotThrow(() => checkKey(LOCKED, 'of the plugin', 'of the plugin'));
    assert.throws(() => checkKey(LOCKED, 'of the plugin'), UNAUTHORIZED);
    assert.throws(() => checkKey(LOCKED, 'of the plugin', 'of another'), UNAUTHORIZED);
  });

  test('a plugin that has a key, also on an agent without one', () => {
    assert.doesNotThrow(() => checkKey(OPEN, 'p', 'p'));
    assert.throws(() => checkKey(OPEN, null, 'p'), UNAUTHORIZED);
    assert.throws(() => checkKey(OPEN, '', 'p'), UNAUTHORIZED);
    assert.doesNotThrow(() => checkKey(OPEN, null));
    assert.doesNotThrow(() => checkKey(OPEN, 'any'));
  });

  test('percent-encoded too, as a subprotocol needs it', () => {
    assert.doesNotThrow(() => checkKey(LOCKED, 'the%20key'));
    assert.doesNotThrow(() => checkKey({ ...LOCKED, apiKey: '100%' }, '100%'));
    assert.throws(() => checkKey(LOCKED, 'the%2520key'), UNAUTHORIZED);
  });

  test('nothing where it is missing, empty or wrong, and the refusal does not repeat it', () => {
    for (const wrong of [null, '', 'The key', 'the key ', 'the ke', 'hunter2hunter2']) {
      assert.throws(
        () => checkKey(LOCKED, wrong),
        (error: Error & { code: string }) =>
          error.code === UNAUTHORIZED.code &&
          !error.message.includes('hunter2') &&
          !/the key/.test(error.message.replace('the key is wrong', '')),
      );
    }
  });

  test('is compared whole, whatever the lengths', () => {
    assert.equal(sameKey('a', 'a'), true);
    assert.equal(sameKey('a', 'aa'), false);
    assert.equal(sameKey('', ''), true);
    assert.equal(sameKey('ä', 'a'), false);
  });
});

describe('a Host', () => {
  const isAnswered = (host: string | undefined, policy = OPEN) => {
    try {
      checkHost(policy, host);
      return true;
    } catch (error) {
      assert.equal((error as { code: string }).code, 'HOSTPULSE_ERR_UNKNOWN_HOST');
      return false;
    }
  };

  test('that is a loopback name is answered, with and without a port', () => {
    for (const host of ['localhost', 'LocalHost:9192', '127.0.0.1', '127.0.0.1:80', '127.8.9.10:1', '[::1]', '[::1]:9192']) {
      assert.equal(isAnswered(host), true, host);
    }
  });

  test('that is any other name is refused', () => {
    const others = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
      '0.0.0.0',
      '[::2]:9192',
      '::1',
      '',
      undefined,
    ];
    for (const host of others) assert.equal(isAnswered(host), false, String(host));
  });

  test('that is on the list is answered, whatever its port and case', () => {
    const policy = { ...OPEN, allowedHosts: ['box.example'] };
    assert.equal(isAnswered('Box.Example:9192', policy), true);
    assert.equal(isAnswered('a.box.example', policy), false);
  });

  test('is not asked about where a key protects the agent', () => {
    assert.equal(isAnswered('evil.example', LOCKED), true);
  });
});

describe('an Origin', () => {
  const policy = { ...OPEN, origins: ['https://good.example'] };
  const FOREIGN = { code: 'HOSTPULSE_ERR_FOREIGN_ORIGIN', statusCode: 403 };

  test('that is missing, allowed or the agent’s own passes', () => {
    assert.doesNotThrow(() => checkOrigin(policy, undefined, 'x'));
    assert.doesNotThrow(() => checkOrigin(policy, 'https://good.example', '127.0.0.1:9192'));
    assert.doesNotThrow(() => checkOrigin(policy, 'http://127.0.0.1:9192', '127.0.0.1:9192'));
    assert.doesNotThrow(() => checkOrigin(policy, 'https://Box.example', 'box.Example'));
    assert.doesNotThrow(() => checkOrigin(policy, 'http://[::1]:9192', '[::1]:9192'));
  });

  test('of another scheme, port, subdomain or of nobody is foreign', () => {
    for (const origin of [
      'http://good.example',
      'https://good.example:444',
      'https://a.good.example',
      'null',
      '',
      'http://127.0.0.1:9193',
    ]) {
      assert.throws(() => checkOrigin(policy, origin, '127.0.0.1:9192'), FOREIGN, origin);
    }
    assert.throws(() => checkOrigin(policy, 'https://evil.example', undefined), FOREIGN);
  });
});
