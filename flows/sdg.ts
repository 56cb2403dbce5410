/** The Sustainable Development Goals (United Nations, A/RES/70/1) are numbered from 1 to so many. */
export const SDGS = 17;
