import { ALL, type Fields, type Hand } from "./hand.ts";

const NOMSA = "Nomsa Dlamini";
const JOHANNA = "Johanna van Wyk";
const THANDEKA = "Thandeka Ngcobo";
const PRIYA = "Priya Naidoo";
const BONGANI = "Bongani Zulu";
const LIAISON = "Kagiso Tau";

/** Four citizens on two channels, three languages; one changes language midway, one slips, one stops. */
export async function consultation(hand: Hand): Promise<void> {
  await hand.command("naledi", "/saypro consultation open");
  await hand.submit("naledi", "Open a consultation", {
    "Which one": "Draft Integrated Development Plan: your comment (IDP, UHLELO, GOP)",
  });
  await hand.sees("naledi", "#operations", "Draft Integrated Development Plan");

  await hand.say(PRIYA, "sms", "IDP");
  await hand.reads(PRIYA, "sms", "1/5 In which ward");
  await hand.say(PRIYA, "sms", "99");
  await hand.reads(PRIYA, "sms", "Wards are numbered 1 to 12");
  await hand.say(PRIYA, "sms", "1");
  await hand.reads(PRIYA, "sms", "2/5 What should come first");
  await hand.say(PRIYA, "sms", "water and roads");
  await hand.reads(PRIYA, "sms", "3/5 What should the plan say");
  await hand.say(PRIYA, "sms", "Fix the pump station in Ward 1.");
  await hand.reads(PRIYA, "sms", "4/5 May we publish");
  await hand.say(PRIYA, "sms", "yes");
  await hand.reads(PRIYA, "sms", "5/5 May we write to you");
  await hand.say(PRIYA, "sms", "no");
  await hand.reads(PRIYA, "sms", "Thank you, we have it as no.");

  await hand.say(NOMSA, "whatsapp", "UHLELO");
  await hand.reads(NOMSA, "whatsapp", "1/5 Uhlala kuyiphi iwadi");
  await hand.say(NOMSA, "whatsapp", "English");
  await hand.reads(NOMSA, "whatsapp", "1/5 In which ward");
  await hand.say(NOMSA, "whatsapp", "isiZulu");
  await hand.reads(NOMSA, "whatsapp", "1/5 Uhlala kuyiphi iwadi");
  await hand.say(NOMSA, "whatsapp", "4");
  await hand.reads(NOMSA, "whatsapp", "2/5 Yini okufanele iqale");
  await hand.say(NOMSA, "whatsapp", "amanzi");
  await hand.reads(NOMSA, "whatsapp", "3/5 Yini okufanele uhlelo");

  await hand.say(JOHANNA, "whatsapp", "GOP");
  await hand.reads(JOHANNA, "whatsapp", "1/5 In watter wyk woon jy");
  await hand.say(JOHANNA, "whatsapp", "2");
  await hand.reads(JOHANNA, "whatsapp", "2/5 Wat moet eerste kom");

  await hand.say(BONGANI, "sms", "UHLELO");
  await hand.reads(BONGANI, "sms", "1/5 Uhlala kuyiphi iwadi");
  await hand.say(BONGANI, "sms", "STOP");
  await hand.reads(BONGANI, "sms", "START");

  await hand.command("naledi", "/saypro consultation");
  await hand.isTold("naledi", "Draft Integrated Development Plan");
  await hand.press("naledi", "#operations", "opened the consultation", "Results");
  await hand.sees("naledi", "#operations", "Fix the pump station in Ward 1.");
  await hand.picture("results");
}

/** Drafted by one officer; its author cannot approve it, another does; all get it but the one who stopped. */
export async function broadcast(hand: Hand): Promise<void> {
  const title = "Water tariffs";
  await draft(hand, title, {
    "Message in English": "Umhlanzi: the new water tariffs start on 1 July. Questions? Call 031 000 0000.",
    isiZulu: "Umhlanzi: amanani amasha amanzi aqala ngomhla ka-1 Julayi. Imibuzo? Shayela 031 000 0000.",
  });
  await hand.press("naledi", "#approvals", title, "Approve …");
  await hand.isTold("naledi", "do not allow");
  await hand.press("thabo", "#approvals", title, "Approve …");
  await hand.picture("approval");
  await hand.submit("thabo", "Approve a broadcast", { "Before it goes out": ALL });
  await hand.reads(PRIYA, "sms", "new water tariffs");
  await hand.reads(THANDEKA, "sms", "new water tariffs");
  await hand.sees("naledi", "#approvals", `Sent: ${title}`);
  await hand.neverRead(BONGANI, "sms", ["water tariffs", "amanani amasha"]);
}

/** On WhatsApp nobody may be written to freely who has been silent for a day: a template that it approved carries it. */
export async function whatsappNotice(hand: Hand): Promise<void> {
  const title = "Clinic hours";
  await draft(hand, title, {
    "On which channels": ["WhatsApp"],
    "Message in English": "Umhlanzi: the clinic opens at 7:00 from Monday.",
  });
  await hand.press("thabo", "#approvals", title, "Approve …");
  await hand.submit("thabo", "Approve a broadcast", { "Before it goes out": ALL });
  await hand.reads(
    PRIYA,
    "whatsapp",
    "Notice from Umhlanzi Municipality: Umhlanzi: the clinic opens at 7:00 from Monday. Reply STOP",
  );
}

async function draft(hand: Hand, title: string, texts: Fields): Promise<void> {
  await hand.command("naledi", "/saypro broadcast");
  await hand.submit("naledi", "New broadcast", { Title: title, "To whom": "Everyone", ...texts });
  await hand.sees("thabo", "#approvals", title);
}

/** What fills the day: a resident and a journalist are answered in threads, the home tells what runs. */
export async function desk(hand: Hand): Promise<void> {
  await hand.say(THANDEKA, "sms", "There is no water in our street");
  await hand.sees("sizwe", "#inbox", "There is no water in our street");
  await hand.reply("sizwe", "#inbox", "There is no water in our street", "A team is on its way to you.");
  await hand.reads(THANDEKA, "sms", "A team is on its way to you.");
  await hand.say(LIAISON, "sms", "How many homes have no water?");
  await hand.sees("karen", "#media-desk", "How many homes have no water?");
  await hand.reply("karen", "#media-desk", "How many homes have no water?", "About 120 homes in Ward 1.");
  await hand.reads(LIAISON, "sms", "About 120 homes in Ward 1.");
  await hand.homeShows("naledi", "Three questions");
}

/** Paused, resumed and cancelled while it goes out. The carrier has to be slow. */
export async function interruptedBroadcast(hand: Hand): Promise<void> {
  const title = "Refuse days";
  await draft(hand, title, {
    "Message in English": "Umhlanzi: refuse is collected on Tuesdays from now on.",
  });
  await hand.press("thabo", "#approvals", title, "Approve …");
  await hand.submit("thabo", "Approve a broadcast", { "Before it goes out": ALL });
  await hand.press("thabo", "#approvals", title, "Pause");
  await hand.sees("thabo", "#approvals", `Paused: ${title}`);
  await hand.press("thabo", "#approvals", title, "Resume");
  await hand.sees("thabo", "#approvals", `Sending: ${title}`);
  await hand.press("thabo", "#approvals", title, "Cancel");
  await hand.sees("thabo", "#approvals", `Cancelled: ${title}`);
}

/** The first tier does not answer, the second does by SMS code; the statement reaches media and public; all-clear. */
export async function crisis(hand: Hand): Promise<void> {
  await hand.command("naledi", "/saypro crisis");
  await hand.choose("naledi", "Declare a crisis", "What is it?", "Water quality emergency");
  await hand.submit("naledi", "Declare a crisis", {
    "How bad is it?": "1  Severe",
    "Is it real?": "🔴 LIVE: it is happening",
    "Where?": "Ward 1, Seaview and Hillside",
    "Affected wards": ["Ward 1"],
    Title: "Sewage in the Seaview main",
  });
  await hand.reads("Zanele Mthembu", "sms", "Sewage in the Seaview main");
  const page = await hand.reads("Johan Botha", "sms", "Sewage in the Seaview main");
  const code = /\b(\d{4,6})\b/.exec(page.slice(page.indexOf("main")))?.[1] ?? "";
  await hand.say("Johan Botha", "sms", code);
  await hand.sees("naledi", "#operations", "Johan Botha acknowledged");
  await hand.picture("crisis");

  await hand.press("thabo", "#approvals", "Sewage in the Seaview main", "Approve…");
  await hand.submit("thabo", "Approve a statement", { "Before it goes out": ALL });
  await hand.reads(PRIYA, "sms", "Seaview");
  await hand.reads(LIAISON, "sms", "Seaview");
  await hand.say(LIAISON, "sms", "OK");
  await hand.sees("thabo", "#approvals", "Umhlanzi Herald");

  await hand.press("naledi", "#operations", "Sewage in the Seaview main", "All-clear");
  await hand.press("thabo", "#approvals", "all-clear", "Approve…");
  await hand.submit("thabo", "Approve a statement", { "Before it goes out": ALL });
  await hand.reads(PRIYA, "sms", "safe");
  await hand.reads(LIAISON, "sms", "safe");
  await hand.neverRead(BONGANI, "sms", ["Seaview"]);
}
