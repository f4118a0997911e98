const { add } = require("./add");
if (require.main === module) console.log(add(1, 2));
