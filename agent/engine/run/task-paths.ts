import type { ActingHost } from '../../linux/acting-host.ts';

/** What paths of a task start from. */
export interface PathStart {
  /** The task's user; undefined: root. */
  readonly runAs: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** A folder, or "~user" for that user's home; empty: the root folder. */
  readonly cwd: string;
}

/** Paths and words of a task as a shell of its user would have them. */
export class TaskPaths {
  private readonly host: ActingHost;
  private readonly start: PathStart;
  private folderKnown: Promise<string> | undefined;

  constructor(host: ActingHost, start: PathStart) {
    this.host = host;
    this.start = start;
  }

  /** The folder that the task's programs start in. */
  folder(): Promise<string> {
    this.folderKnown ??= this.findFolder();
    return this.folderKnown;
  }

  /** The path with variables and homes put in, from the root folder on. */
  async absolute(path: string): Promise<string> {
    const full = await this.expanded(path);
    if (full.startsWith('/')) return full;
    const folder = await this.folder();
    return folder === '/' ? `/${full}` : `${folder}/${full}`;
  }

  /** The path with variables and homes put in, where it is relative still so. */
  async expanded(path: string): Promise<string> {
    return this.fromHome(await this.withVariables(path));
  }

  /** A word of a command with homes and variables put in, in this order, as Ansible does. */
  async word(word: string): Promise<string> {
    return this.withVariables(await this.fromHome(word));
  }

  /** Python's os.path.expanduser: "~" and "~/x" by HOME, "~user"; of a user that is not there it stays as it is. */
  private async fromHome(path: string): Promise<string> {
    const [, name, rest = ''] = /^~([^/]*)(.*)$/s.exec(path) ?? [];
    if (name === undefined) return path;
    const home = name === '' ? await this.home() : (await this.host.user(name))?.home;
    return home === undefined ? path : `${home.replace(/\/+$/, '')}${rest}` || '/';
  }

  /** Python's os.path.expandvars: $name and ${name}; what is not set stays as it is. */
  private async withVariables(text: string): Promise<string> {
    if (!text.includes('$')) return text;
    const { runAs, environment } = this.start;
    const all: NodeJS.ProcessEnv = { ...(await this.host.environment(runAs)), HOME: await this.home(), ...environment };
    return text.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (mark, plain?: string, braced?: string) => {
      const name = plain ?? braced ?? '';
      return (Object.hasOwn(all, name) ? all[name] : undefined) ?? mark;
    });
  }

  private async home(): Promise<string | undefined> {
    const { runAs = 'root', environment } = this.start;
    return environment.HOME ?? (await this.host.user(runAs))?.home;
  }

  private async findFolder(): Promise<string> {
    const { cwd } = this.start;
    if (cwd === '' || cwd.startsWith('/')) return cwd || '/';
    const home = (await this.host.user(cwd.slice(1)))?.home ?? '/';
    // sshd(8) starts logins in the root folder where the home is not there.
    return (await this.host.stat(`${home}/.`))?.kind === 'directory' ? home : '/';
  }
}
