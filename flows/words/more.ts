import type { Words } from "./words.ts";

/**
 * Languages of which we are sure of a few words only. What is empty is asked and said in English, or in what
 * the flow declares as its stand-in. A speaker can complete a language without touching anything else.
 */
const bare: Words = {
  names: [],
  yes: [],
  no: [],
  back: [],
  restart: [],
  skip: [],
  stop: [],
  language: [],
  numbers: {},
  all: [],
  and: [],
  or: [],
  not: [],
  months: [],
  weekdays: [],
  days: {},
  next: [],
  phrases: {},
};

export const tn: Words = {
  ...bare,
  names: ["setswana", "tswana"],
  yes: ["ee", "ke a dumela"],
  no: ["nnyaa", "nyaa"],
  back: ["morago"],
  numbers: { nngwe: 1, pedi: 2, tharo: 3, nne: 4, tlhano: 5, thataro: 6, supa: 7, lesome: 10 },
  and: ["le"],
  or: ["kgotsa"],
  not: ["nnyaa"],
};

export const nso: Words = {
  ...bare,
  names: ["sepedi", "sesotho sa leboa", "northern sotho"],
  yes: ["ee", "ke a dumela"],
  no: ["aowa"],
  back: ["morago"],
  numbers: { tee: 1, pedi: 2, tharo: 3, nne: 4, hlano: 5, tshela: 6, supa: 7, seswai: 8, lesome: 10 },
  and: ["le"],
  or: ["goba"],
  not: ["aowa"],
};

export const ts: Words = {
  ...bare,
  names: ["xitsonga", "tsonga"],
  yes: ["ina"],
  back: ["endzhaku"],
  numbers: { "n'we": 1, mbirhi: 2, nharhu: 3, mune: 4, ntlhanu: 5, khume: 10 },
  and: ["na"],
  or: ["kumbe"],
};

export const ss: Words = {
  ...bare,
  names: ["siswati", "swati", "swazi"],
  yes: ["yebo"],
  no: ["cha"],
  back: ["emuva"],
  numbers: { kunye: 1, kubili: 2, kutsatfu: 3, kune: 4, sihlanu: 5, sitfupha: 6, sikhombisa: 7, lishumi: 10 },
  or: ["nobe"],
  not: ["cha"],
};

export const ve: Words = {
  ...bare,
  names: ["tshivenda", "venda"],
  yes: ["ee"],
  no: ["hai"],
  numbers: { nthihi: 1, mbili: 2, tharu: 3, nna: 4, thanu: 5, fumi: 10 },
  and: ["na"],
  or: ["kana"],
  not: ["hai"],
};

export const nr: Words = {
  ...bare,
  names: ["isindebele", "ndebele"],
  yes: ["iye"],
  no: ["awa"],
  back: ["emuva"],
  numbers: { kunye: 1, kubili: 2, kuthathu: 3, kune: 4, kuhlanu: 5, itjhumi: 10 },
  not: ["awa"],
};
