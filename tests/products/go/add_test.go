package main

import "testing"

func TestSmall(t *testing.T) {
	if got := Add(1, 2); got != 3 {
		t.Errorf("Add(1, 2) = %d, want 3", got)
	}
}

func TestNothing(t *testing.T) {
	if Add(0, 0) != 0 {
		t.Fatal("not 0")
	}
}
