/** How a run that had to be confirmed ended on a host. */
export interface RunEnd {
  readonly host: string;
  readonly run: string;
  readonly kept: boolean;
}

/** A run that some hosts kept and others took back: its controller was lost while it told them. */
interface MixedRun {
  readonly run: string;
  /** "run R was kept on vm01 and taken back on vm02". */
  readonly said: string;
}

/** The runs that did not end alike on all hosts. */
export function mixedRuns(ends: readonly RunEnd[]): readonly MixedRun[] {
  const hosts = (run: string, kept: boolean) =>
    ends.filter((end) => end.run === run && end.kept === kept).map(({ host }) => host);
  return [...new Set(ends.map(({ run }) => run))].flatMap((run) => {
    const [kept, back] = [hosts(run, true).toSorted().join(', '), hosts(run, false).toSorted().join(', ')];
    return kept === '' || back === ''
      ? []
      : [{ run, said: `run ${run} was kept on ${kept} and taken back on ${back}` }];
  });
}
