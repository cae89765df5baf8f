/**
 * One line about something slow. On a terminal it shows the seconds and then disappears; elsewhere it is printed once.
 * @param {string} text
 * @param {{ isTTY?: boolean, write(text: string): unknown }} stream
 * @returns {{ done(): void }}
 */
export const showProgress = (text, stream) => {
  if (stream.isTTY !== true) {
    stream.write(`${text} …\n`);
    return { done: () => {} };
  }
  const started = Date.now();
  const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
  let step = 0;
  const draw = () => {
    const seconds = Math.floor((Date.now() - started) / 1000);
    stream.write(`\r${frames[step++ % frames.length]} ${text} … ${seconds} s\u001B[K`);
  };
  draw();
  const timer = setInterval(draw, 120);
  return {
    done: () => {
      clearInterval(timer);
      stream.write("\r\u001B[K");
    },
  };
};
