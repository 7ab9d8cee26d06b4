// A vCenter with one machine, simulated by govmomi's simulator (Debian: golang-github-vmware-govmomi-dev), over TLS:
//
//	vcsim PORT CERTIFICATE KEY USER PASSWORD IDLE_MS
//
// prints "serving" and then does what lines of its standard input ask for, each answered with "done".
package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"log"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func main() {
	port, certificate, key, user, password := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		log.Fatal(err)
	}
	// A session ends when it idles for so long; 0 is never.
	simulator.SessionIdleTimeout = time.Duration(number(os.Args[6])) * time.Millisecond
	model := simulator.VPX()
	model.Machine = 1
	if err := model.Create(); err != nil {
		log.Fatal(err)
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:" + port, User: url.UserPassword(user, password)}
	model.Service.NewServer()
	fmt.Println("serving")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); fmt.Println("done") {
		var word, a string
		var b int
		_, _ = fmt.Sscan(lines.Text(), &word, &a, &b)
		switch word {
		case "status": // the next call of the API is answered with this status of HTTP
			simulator.StatusSDK = number(a)
		case "delay": // each call waits for so many milliseconds before it does anything
			model.DelayConfig.Delay = number(a)
		case "room": // every datastore has so many bytes left
			for _, store := range simulator.Map.All("Datastore") {
				store.(*simulator.Datastore).Summary.FreeSpace = int64(number(a))
			}
		case "busy": // a task of so many milliseconds runs on the machine of that id
			busy(a, time.Duration(b)*time.Millisecond)
		}
	}
}

// busy begins a task as another process does that has died since. vCenter itself lists it among the recent ones of its machine.
func busy(machine string, long time.Duration) {
	vm := simulator.Map.Get(types.ManagedObjectReference{Type: "VirtualMachine", Value: machine}).(*simulator.VirtualMachine)
	begun := make(chan struct{})
	task := simulator.CreateTask(vm, "reconfigVm", func(*simulator.Task) (types.AnyType, types.BaseMethodFault) {
		close(begun)
		time.Sleep(long)
		return nil, nil
	})
	simulator.Map.Update(mo.Reference(vm), []types.PropertyChange{
		{Name: "recentTask", Val: []types.ManagedObjectReference{task.Self}},
	})
	go task.Run()
	<-begun
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		log.Fatal(err)
	}
	return n
}
