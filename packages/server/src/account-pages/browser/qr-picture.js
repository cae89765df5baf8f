import { qrCode } from "./qr.js";

const svg = "http://www.w3.org/2000/svg";
const margin = 4;

/**
 * The text as a picture; null where it is too long for one.
 * @param {string} text
 * @param {string} label what a screen reader says
 * @returns {SVGElement | null}
 */
export const qrPicture = (text, label) => {
  const modules = qrCode(text);
  if (modules === null) return null;
  const size = modules.length + margin * 2;
  const picture = document.createElementNS(svg, "svg");
  picture.setAttribute("viewBox", `0 0 ${size} ${size}`);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  picture.setAttribute("shape-rendering", "crispEdges");
  const ground = document.createElementNS(svg, "rect");
  ground.setAttribute("width", String(size));
  ground.setAttribute("height", String(size));
  ground.setAttribute("fill", "#fff");
  const path = document.createElementNS(svg, "path");
  const squares = modules.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark ? [`M${x + margin} ${y + margin}h1v1h-1z`] : [])),
  );
  path.setAttribute("d", squares.join(""));
  path.setAttribute("fill", "#000");
  picture.append(ground, path);
  return picture;
};
