import { basename } from 'node:path/posix';
import type { Host } from '../../../linux/host.ts';
import { endOfLinks } from '../files/links.ts';
import { type Facts, readLine, sizeText } from './read.ts';

/** What names a block device, by its kernel name. */
type Links = Readonly<Record<'ids' | 'labels' | 'masters' | 'uuids', ReadonlyMap<string, readonly string[]>>>;

/** Names of udev's links in a folder, by the devices that they lead to. */
async function linksIn(host: Host, folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const name of (await host.readDir(folder)) ?? []) {
    const target = (await host.stat(`${folder}/${name}`))?.target;
    if (target !== undefined) found.set(basename(target), [...(found.get(basename(target)) ?? []), name]);
  }
  return found;
}

/** Devices that are built upon others (LVM, RAID), by those. */
async function mastersOf(host: Host, blocks: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const block of blocks) {
    for (const slave of (await host.readDir(`/sys/block/${block}/slaves`)) ?? []) {
      found.set(slave, [...(found.get(slave) ?? []), block]);
    }
  }
  return found;
}

/** The uuids of file systems, by the kernel names of their devices. */
export function uuidsOf(host: Host): Promise<ReadonlyMap<string, readonly string[]>> {
  return linksIn(host, '/dev/disk/by-uuid');
}

/** The uuid of the file system on a device, which may be a link (/dev/mapper/vg-root). */
export async function uuidOf(
  host: Host,
  device: string,
  uuids: ReadonlyMap<string, readonly string[]>,
): Promise<string | undefined> {
  const itself = /^\/dev\/(?:mapper|disk)\//.test(device) ? await endOfLinks(host, device) : device;
  return uuids.get(basename(itself ?? device))?.[0];
}

function namesOf(links: Links, device: string): Facts {
  return Object.fromEntries(Object.entries(links).map(([kind, all]) => [kind, [...(all.get(device) ?? [])].sort()]));
}

async function holdersOf(host: Host, folder: string): Promise<readonly string[]> {
  const names = (await host.readDir(`${folder}/holders`)) ?? [];
  return Promise.all(names.map(async (name) => (await readLine(host, `${folder}/holders/${name}/dm/name`)) ?? name));
}

async function partition(host: Host, block: string, name: string, links: Links): Promise<Facts> {
  const folder = `/sys/block/${block}/${name}`;
  const sectors = Number((await readLine(host, `${folder}/size`)) ?? 0);
  return {
    links: namesOf(links, name),
    start: (await readLine(host, `${folder}/start`)) ?? 0,
    sectors,
    sectorsize: 512,
    size: sizeText(sectors * 512),
    uuid: links.uuids.get(name)?.[0] ?? null,
    holders: await holdersOf(host, folder),
  };
}

async function device(host: Host, block: string, links: Links): Promise<Facts> {
  const folder = `/sys/block/${block}`;
  const line = (path: string) => readLine(host, `${folder}/${path}`);
  const inside = ((await host.readDir(folder)) ?? []).filter((name) => name.startsWith(block));
  const sectors = Number((await line('size')) ?? 0);
  const scheduler = (await line('queue/scheduler')) ?? '';
  return {
    virtual: 1,
    links: namesOf(links, block),
    vendor: (await line('device/vendor')) ?? null,
    model: (await line('device/model')) ?? null,
    sas_address: (await line('device/sas_address')) ?? null,
    sas_device_handle: (await line('device/sas_device_handle')) ?? null,
    removable: (await line('removable')) ?? null,
    support_discard: (await line('queue/discard_granularity')) ?? null,
    partitions: Object.fromEntries(
      await Promise.all(inside.map(async (name) => [name, await partition(host, block, name, links)])),
    ) as Facts,
    rotational: (await line('queue/rotational')) ?? null,
    scheduler_mode: /\[(.*)\]/.exec(scheduler)?.[1] ?? scheduler,
    sectors,
    sectorsize: (await line('queue/hw_sector_size')) ?? '512',
    size: sizeText(sectors * 512),
    host: '',
    holders: await holdersOf(host, folder),
  };
}

/** ansible_devices and ansible_device_links: what /sys/block and udev tell of block devices. */
export async function deviceFacts(host: Host): Promise<Facts> {
  const blocks = (await host.readDir('/sys/block')) ?? [];
  const links: Links = {
    ids: await linksIn(host, '/dev/disk/by-id'),
    labels: await linksIn(host, '/dev/disk/by-label'),
    masters: await mastersOf(host, blocks),
    uuids: await uuidsOf(host),
  };
  const devices = await Promise.all(blocks.map(async (block) => [block, await device(host, block, links)] as const));
  const told = Object.entries(links).map(([kind, all]) => [kind, Object.fromEntries(all)]);
  return { ansible_devices: Object.fromEntries(devices), ansible_device_links: Object.fromEntries(told) as Facts };
}
