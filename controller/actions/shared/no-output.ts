/** What results of jobs have where what they ran tells of no output. */
export const noOutput = { stdout: '', stderr: '', stdout_lines: [], stderr_lines: [] };
