import type { Host } from '../../../linux/host.ts';

/** The name of a user's or group's number: of the host's own file, or of whatever else it asks; empty where it has none. */
export async function ownerName(
  host: Pick<Host, 'readFile' | 'exec'>,
  database: 'passwd' | 'group',
  id: number,
): Promise<string> {
  const text = (await host.readFile(`/etc/${database}`))?.toString('utf8') ?? '';
  for (const line of text.split('\n')) {
    const [name = '', , number] = line.split(':');
    if (number === String(id)) return name;
  }
  const { stdout } = await host.exec({ argv: ['getent', database, String(id)] }, { onlyReads: true });
  return stdout.split(':')[0]?.trim() ?? '';
}
