import { type FlowDefinition, MAX_CAPTION, type Step, type Videos } from "../flow.ts";
import { languageOf } from "../text.ts";
import { isSigned } from "../words/signed.ts";
import { type Check, error, type FlowFault, warning } from "./fault.ts";

/** What WhatsApp plays: H.264 with AAC in one of these. */
const PLAYED = /\.(mp4|3gp)$/i;

/** A video for everything that is said in a signed language, at an address from which carriers can fetch it. */
export const checkVideos: Check = (flow) =>
  Object.entries(flow.steps).flatMap(([name, step]) => {
    if (!speaks(step)) return [];
    const videos = "video" in step ? (step.video ?? {}) : {};
    return [
      ...missing(flow, name, videos),
      ...Object.entries(videos).flatMap(([language, url]) => faultsOf(flow, name, step, language, url)),
    ];
  });

const speaks = (step: Step): boolean =>
  step.kind === "say" ||
  step.kind === "ask" ||
  step.kind === "opinions" ||
  (step.kind === "end" && step.text !== undefined);

/** The same rule as for a text: nothing is missing in silence. */
function missing(flow: FlowDefinition, name: string, videos: Videos): readonly FlowFault[] {
  return flow.languages
    .filter((language) => isSigned(language) && videos[language] === undefined)
    .map((language) => {
      const [standIn] = flow.fallbacks?.[language] ?? [];
      return standIn === undefined
        ? error(
            ["steps", name, "video"],
            `no video in ${language}`,
            `add video: { ${language}: https://… }, or declare fallbacks: { ${language}: [${flow.languages.find((each) => !isSigned(each)) ?? "en"}] }`,
          )
        : warning(
            ["steps", name, "video"],
            `no video in ${language}; people read it in ${standIn}`,
            "add one",
          );
    });
}

function faultsOf(
  flow: FlowDefinition,
  name: string,
  step: Step,
  language: string,
  url: string,
): readonly FlowFault[] {
  const at = ["steps", name, "video", language];
  if (step.kind === "opinions")
    return [error(["steps", name, "video"], "a step with statements has no video", "remove it")];
  if (!flow.languages.includes(language))
    return [
      error(at, `the flow is not offered in ${language}`, `add ${language} to languages, or remove it`),
    ];
  const address = URL.canParse(url) ? new URL(url) : undefined;
  if (address?.protocol !== "https:")
    return [error(at, "no address from which it can be fetched", "write one that begins with https://")];
  if (!PLAYED.test(address.pathname))
    return [error(at, "not a video that WhatsApp plays", "an .mp4 or .3gp file, at most 16 MB")];
  const text = "text" in step ? step.text : undefined;
  const read = text && languageOf(text, language, flow.languages, flow.fallbacks);
  const length = text && read !== undefined ? (text[read]?.length ?? 0) : 0;
  return length > MAX_CAPTION
    ? [
        warning(
          at,
          `the text is longer than the ${MAX_CAPTION} characters that stand under a video`,
          "shorten it: as it is, people get the video as a link",
        ),
      ]
    : [];
}
