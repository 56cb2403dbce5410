import { z } from "zod";

/** What kind of message something is about; the form asks for one of them. */
export const messageKind = z.enum(["emergency", "service", "consultation", "awareness"]);

/** Several of them; none: all. */
export const readMessageKinds = z.array(messageKind).default([]);
