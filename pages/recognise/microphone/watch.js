// Shows what the recorder does while it does it. The recorder itself tells the page nothing until a recording is over,
// but its frame is of the same origin: the colour of its icon says whether it records, and the stream that it opens
// says how loud the sound is.

const LOOKS_EVERY = 100; // ms
const LONGEST_WAIT = 20000; // ms for the recording to reach the server
const SMALLEST = 1e-6; // of full scale; a step of 16 bits is 3e-5
const QUIETEST = -60, LOUDEST = -10; // dBFS at the ends of the level meter

export default function (component) {
  const { parentElement, data } = component;
  const line = parentElement.querySelector(".recorder-live");
  const [title, hint, clock, meter] = ["strong", "span", "time", "i"].map((part) => line.querySelector(part));
  const place = parentElement.closest(data.place);
  const looked = (parentElement.looked ??= { state: "idle", since: 0, count: data.count });

  if (data.count !== looked.count) {
    Object.assign(looked, { state: "idle", count: data.count });
  }

  const frame = () => place && place.querySelector("iframe");
  const inside = () => {
    try {
      return frame()?.contentDocument?.querySelector("svg");
    } catch {
      return null; // a frame of another origin cannot be watched
    }
  };

  const enter = (state) => Object.assign(looked, { state, since: performance.now() });

  const fail = (reason) => {
    looked.reason = reason;
    enter("failed");
    // The recorder believes that it records; a click ends that.
    if (recording(inside())) press(inside());
  };

  const recording = (icon) => icon && icon.style.color === looked.red;
  const press = (icon) => icon.dispatchEvent(new MouseEvent("click", { bubbles: true }));

  const prepare = (icon) => {
    const { document: page, window: view } = { document: icon.ownerDocument, window: icon.ownerDocument.defaultView };
    const probe = page.createElement("b");
    probe.style.color = data.recording_colour;
    looked.red = probe.style.color;
    icon.setAttribute("role", "button");
    icon.setAttribute("tabindex", "0");
    icon.removeAttribute("aria-hidden");
    icon.setAttribute("focusable", "true");
    icon.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        press(icon);
      }
    });
    const style = page.createElement("style");
    style.textContent = data.frame_css;
    page.head.append(style);
    neverSilent(view.AudioContext.prototype);
    const devices = view.navigator.mediaDevices;
    if (devices) {
      const ask = devices.getUserMedia.bind(devices);
      devices.getUserMedia = async (wanted) => {
        try {
          const stream = await ask(wanted);
          listen(stream, view);
          return stream;
        } catch (error) {
          fail(data.refused[error.name] ?? data.refused.other);
          return new Promise(() => {}); // without a stream the recorder would only fail later on
        }
      };
    }
    icon.prepared = true;
  };

  // The recorder gives up a microphone whose first samples are all zero, as they can be. What it records therefore has
  // a constant added that is lost again in 16 bits. Nor does the recorder close its contexts.
  const neverSilent = (contexts) => {
    const open = contexts.createMediaStreamSource;
    contexts.createMediaStreamSource = function (stream) {
      const sum = this.createGain();
      const constant = this.createConstantSource();
      constant.offset.value = SMALLEST;
      constant.connect(sum);
      constant.start();
      open.call(this, stream).connect(sum);
      (looked.contexts ??= []).push(this);
      return sum;
    };
  };

  const listen = (stream, view) => {
    const context = new view.AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(stream).connect(analyser);
    Object.assign(looked, { analyser, opened: performance.now() });
  };

  const level = () => {
    const samples = new Float32Array(looked.analyser.fftSize);
    looked.analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, each) => sum + each * each, 0) / samples.length;
    const share = (10 * Math.log10(power + 1e-12) - QUIETEST) / (LOUDEST - QUIETEST);
    return Math.min(1, Math.max(0, share));
  };

  // For screen readers: the frame gets a name, and the line on the last recording is read out when it changes.
  const describe = () => {
    frame()?.setAttribute("aria-label", data.frame);
    place?.querySelector("[data-testid=stMarkdown]")?.setAttribute("aria-live", "polite");
  };

  const look = () => {
    const icon = inside();
    if (icon && !icon.prepared) prepare(icon);
    describe();
    const now = performance.now();
    if (recording(icon) && looked.state !== "recording") {
      enter("recording");
      if (!navigator.mediaDevices) fail(data.refused.insecure);
    } else if (looked.state === "recording" && !recording(icon)) {
      for (const context of looked.contexts ?? []) context.close();
      Object.assign(looked, { contexts: [], analyser: null, opened: null });
      enter("working");
    } else if (looked.state === "working" && now - looked.since > LONGEST_WAIT) {
      enter("idle");
    }
    show(icon, now);
  };

  const show = (icon, now) => {
    const { state, opened, analyser } = looked;
    place?.toggleAttribute("data-live", state !== "idle");
    line.hidden = state === "idle";
    icon?.setAttribute("aria-label", state === "recording" ? data.stop : data.start);
    if (state === "idle") return;
    const words = data.words[state === "recording" && !opened ? "asking" : state];
    const seconds = Math.floor((now - opened) / 1000);
    const running = state === "recording" && opened;
    line.dataset.state = state;
    write(title, words[0]);
    write(hint, state === "failed" ? looked.reason : words[1]);
    write(clock, running ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}` : "");
    meter.style.setProperty("--level", running && analyser ? level() : 0);
  };

  const write = (element, text) => {
    if (element.textContent !== text) element.textContent = text;
  };

  clearInterval(looked.timer);
  looked.timer = setInterval(look, LOOKS_EVERY);
  look();
  return () => clearInterval(looked.timer);
}
