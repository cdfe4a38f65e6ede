/** Modules that the workstation alone asks for: tasks can't name them. */
export const internalModules: ReadonlySet<string> = new Set(['custom_module', 'job_result']);
