/** An encrypted text, which YAML has under its tag. */
export class VaultText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
