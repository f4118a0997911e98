import { add } from "./add";
console.log(add(1, 2));
