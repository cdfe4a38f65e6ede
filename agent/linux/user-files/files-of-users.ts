import { UserFiles } from './user-files.ts';

/** One process for each user that files are asked for as, until the run is over. */
export class FilesOfUsers {
  private readonly program: readonly string[];
  /** Under the ids of their users. */
  private readonly present = new Map<string, UserFiles>();

  /** `program`: the command that is the agent's program. */
  constructor(program: readonly string[]) {
    this.program = program;
  }

  /** `ids`: of the user, its group, and all its groups. */
  of(ids: readonly number[]): UserFiles {
    const known = this.present.get(ids.join());
    if (known !== undefined && !known.ended) return known;
    const files = new UserFiles(this.program, ids);
    this.present.set(ids.join(), files);
    return files;
  }

  /** Ends the processes. */
  async close(): Promise<void> {
    const all = [...this.present.values()];
    this.present.clear();
    await Promise.all(all.map((files) => files.close()));
  }
}
