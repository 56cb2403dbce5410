import type { Deployment } from "./deployment.ts";
import type { YamlFile } from "./yaml.ts";

/** One kind of content: a folder of YAML files with one thing in each. Registered in content.ts. */
export interface Kind<T> {
  /** Inside the templates folder; a folder that does not exist is empty. */
  readonly folder: string;
  /** One file in its final shape. Every fault is reported through `file.fault` or `file.shape`. */
  read(file: YamlFile, deployment: Deployment): T | undefined;
}

/** One thing and the file that it came from. */
export interface Loaded<T> {
  readonly file: YamlFile;
  readonly value: T;
}
