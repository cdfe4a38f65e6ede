/** Version of the wire contract; two sides with different numbers do not talk. */
export const protocol = 1;

/** Version of orch, as in package.json (a test holds them together). */
export const version = '0.1.0';

/** The Ansible whose language this is; playbooks and tools ask for it. */
export const ansibleVersion = '2.19.0';
