use product::add;

fn main() {
    println!("{}", add(1, 2));
}
