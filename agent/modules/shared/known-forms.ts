/** Texts kept at most. */
const most = 200;

/**
 * What the host's own tools made of wanted texts before. A form from here may be out of date (the tool was upgraded), so
 * it proves only that nothing is to be done: one that differs from the present state is asked for again.
 */
export class KnownForms {
  private readonly forms = new Map<string, string>();

  get(key: string): string | undefined {
    return this.forms.get(key);
  }

  set(key: string, form: string): void {
    this.forms.delete(key);
    this.forms.set(key, form);
    const [oldest] = this.forms.keys();
    if (this.forms.size > most && oldest !== undefined) this.forms.delete(oldest);
  }
}
