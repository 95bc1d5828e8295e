import type { Environment } from "../environment.ts";
import { TONE_GAIN, TONE_SECONDS, TONES } from "../limits.ts";
import type { Screen } from "../machine/model.ts";

export type Sound = keyof typeof TONES;

/** What a screen sounds like when it comes; null is silent. */
export function soundOf(screen: Screen): Sound | null {
  if (screen === "paid") return "good";
  if (screen === "refused" || screen === "unresolved") return "bad";
  return screen === "card-left" || screen === "pin" || screen === "repeated" ? "ask" : null;
}

/** Plays short tones; a browser that has no sound, or wants a touch first, stays silent. */
export class Speaker {
  private readonly window: Environment["window"];
  private context: AudioContext | null = null;
  isOn: boolean;

  constructor(window: Environment["window"], isOn: boolean) {
    this.window = window;
    this.isOn = isOn;
  }

  play(sound: Sound): void {
    if (!this.isOn || typeof this.window.AudioContext !== "function") return;
    this.context ??= new this.window.AudioContext();
    const { context } = this;
    for (const [index, hertz] of TONES[sound].entries()) {
      const [tone, gain] = [context.createOscillator(), context.createGain()];
      tone.frequency.value = hertz;
      gain.gain.value = TONE_GAIN;
      tone.connect(gain).connect(context.destination);
      tone.start(context.currentTime + index * TONE_SECONDS);
      tone.stop(context.currentTime + (index + 1) * TONE_SECONDS);
    }
  }
}
