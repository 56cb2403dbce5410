/** Types that a chat cannot ask for, or must not, with the remedy. */
export const REFUSED: Readonly<Record<string, string>> = {
  barcode: "ask for the number that stands below it",
  "background-audio": "remove it: nobody is recorded",
  video: "ask for a photo or a voice note",
  file: "ask for a photo",
  geotrace: "ask for a place (geopoint)",
  geoshape: "ask for a place (geopoint)",
  datetime: "ask for the date, then for the time",
  osm: "ask for a place (geopoint)",
  audit: "remove it",
  "csv-external": "write the choices into the choices sheet",
  "xml-external": "write the choices into the choices sheet",
  select_one_from_file: "write the choices into the choices sheet",
  select_multiple_from_file: "write the choices into the choices sheet",
  select_one_external: "write the choices into the choices sheet",
};
/** What is kept of every response anyway, or never. */
export const METADATA: Readonly<Record<string, string>> = {
  start: "the time of every response is kept anyway",
  end: "the time of every response is kept anyway",
  today: "the time of every response is kept anyway; expressions have today()",
  username: "nobody fills in for others here",
  deviceid: "devices are not collected",
  subscriberid: "devices are not collected",
  simserial: "devices are not collected",
  phonenumber: "the number is the contact's, not an answer",
  email: "not collected",
};
export const IGNORED = [
  "appearance",
  "readonly",
  "read_only",
  "trigger",
  "body::accuracythreshold",
  "guidance_hint",
  "required_message",
  "image",
  "audio",
  "video",
];
export const REFUSED_SETTINGS = ["public_key", "submission_url"];

export const ANOTHER: Readonly<Record<string, string>> = {
  en: "Is there another one to add?",
  zu: "Ingabe ikhona enye yokungeza?",
  xh: "Ingaba ikhona enye yokongeza?",
  af: "Is daar nog een om by te voeg?",
};

export const OTHER: Readonly<Record<string, string>> = {
  en: "Please say which other.",
  zu: "Sicela usho ukuthi iyiphi enye.",
  xh: "Nceda utsho ukuba yeyiphi enye.",
  af: "Sê asseblief watter ander.",
};
export const OTHER_LABEL: Readonly<Record<string, string>> = {
  en: "Other",
  zu: "Okunye",
  xh: "Okunye",
  af: "Ander",
};
