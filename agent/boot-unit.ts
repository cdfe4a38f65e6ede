import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { agentUnit } from '../proto/agent-unit.ts';
import type { BootService } from './engine/books/persistent-wishes.ts';
import { replaceFile, syncFolder } from './engine/disk/kept-file.ts';

/** After what sets up the host's own network and loads its firewall, which would take the lab's away. */
const after = ['network.target', 'nftables.service'];
const folder = '/etc/systemd/system';
const name = 'orch-boot.service';

export interface BootUnitOptions {
  /** systemd keeps this agent as a service, which starts with the host anyway. */
  readonly service: boolean;
  readonly argv: readonly string[];
}

/**
 * The unit that starts an agent with the host while a lab is to be brought back then. Written as `systemctl enable` would
 * have it (systemd.unit(5)), which the next start of the host reads; this life of systemd need not know of it.
 */
export class BootUnit implements BootService {
  private readonly options: BootUnitOptions;

  constructor(options: BootUnitOptions) {
    this.options = options;
  }

  /** sd_booted(3) */
  get problem(): string | undefined {
    return existsSync('/run/systemd/system') ? undefined : 'the host was not started by systemd';
  }

  want(wanted: boolean): void {
    const unit = join(folder, name);
    const link = join(folder, 'multi-user.target.wants', name);
    if (!wanted || this.options.service) {
      for (const path of [link, unit]) if (lstatSync(path, { throwIfNoEntry: false })) rmSync(path);
      return;
    }
    const text = agentUnit('orch agent, to bring labs back', after, this.options.argv);
    if (existsSync(unit) && readFileSync(unit, 'utf8') === text && existsSync(link)) return;
    replaceFile(unit, text, true, 0o644);
    mkdirSync(dirname(link), { recursive: true });
    rmSync(link, { force: true });
    symlinkSync(`../${name}`, link);
    // The power may go as soon as the run has ended.
    syncFolder(dirname(link));
  }
}
