import { expect, it } from 'vitest';
import { catalog } from '../../controller/catalog.ts';
import { withoutSecrets } from '../../controller/playbook/values/secrets.ts';

function shown(module: string, args: unknown): unknown {
  const entry = catalog.get(module);
  return entry && withoutSecrets(entry.params, args);
}

it('shows arguments without what their schema calls secret, however deep', () => {
  const peers = [{ public_key: 'public', preshared_key: 'hidden', allowed_ips: ['10.0.0.0/8'] }];
  expect(shown('wireguard', { name: 'wg0', private_key: 'hidden', peers })).toEqual({
    name: 'wg0',
    private_key: '(secret)',
    peers: [{ public_key: 'public', preshared_key: '(secret)', allowed_ips: ['10.0.0.0/8'] }],
  });
  const associations = [{ an: 0, key_id: '01', key: 'hidden' }];
  expect(shown('macsec', { tx: associations, rx: [{ sci: '0200000000090001', associations }] })).toEqual({
    tx: [{ an: 0, key_id: '01', key: '(secret)' }],
    rx: [{ sci: '0200000000090001', associations: [{ an: 0, key_id: '01', key: '(secret)' }] }],
  });
});

it('leaves alone what is no secret, and what the schema does not know', () => {
  const args = { name: 'x0', other: { private_key: 'of no schema' }, state: 'up' };
  expect(shown('wireguard', args)).toEqual(args);
  expect(shown('link', 'lo')).toBe('lo');
});
